// 太宽的公式和表格在自己的框里滚动；能滚动的框要能用键盘走到，并且有名字。
const reach = new ResizeObserver((entries) => {
  for (const { target } of entries) fit(target.closest(".arithmatex, .md-typeset__scrollwrap"));
});

function fit(box) {
  if (!box) return;
  const wide = box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0;
  if (wide) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.matches(".arithmatex") ? "公式，可左右滚动" : "表格，可左右滚动");
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  }
}

document$.subscribe(() => {
  reach.disconnect();
  // 主题在同一时刻给表格套上滚动框，所以等到下一帧再量
  requestAnimationFrame(() => {
    for (const box of document.querySelectorAll("div.arithmatex, .md-typeset__scrollwrap")) reach.observe(box);
  });
});
