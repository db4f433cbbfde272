// 太宽的公式、表格与标签栏在自己的框里滚动；能滚动的框要能用键盘走到，并且有名字。
const BOXES = {
  "div.arithmatex": "公式，可左右滚动",
  ".md-typeset__scrollwrap": "表格，可左右滚动",
  ".tabbed-labels": "标签，可左右滚动",
};
const ANY = Object.keys(BOXES).join(", ");

const reach = new ResizeObserver((entries) => {
  for (const { target } of entries) fit(target);
});

function fit(box) {
  const wide = box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0;
  if (wide) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", BOXES[Object.keys(BOXES).find((kind) => box.matches(kind))]);
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  }
}

document$.subscribe(() => {
  reach.disconnect();
  // 主题在同一时刻给表格套上滚动框，所以等到下一帧再量
  requestAnimationFrame(() => {
    for (const box of document.querySelectorAll(ANY)) reach.observe(box);
  });
});
