// 把 arithmatex 留下的 \(…\) 与 \[…\] 交给 KaTeX。
// 写错的公式不让整页坏掉：读者看到红色原文，测试会报错。
const CLOSING = /^[，。；：？！、）】》”’]/;

// 浏览器允许在公式后面换行，这会把标点甩到下一行行首
function keepTogether(node) {
  const next = node.nextSibling;
  if (next?.nodeType !== Node.TEXT_NODE || !CLOSING.test(next.data)) return;
  if (node.querySelectorAll(".katex-base").length !== 1) return;
  const box = document.createElement("span");
  box.className = "dl-together";
  node.replaceWith(box);
  box.append(node, next.data[0]);
  next.data = next.data.slice(1);
}

document$.subscribe(() => {
  for (const node of document.querySelectorAll(".arithmatex:not(:has(.katex))")) {
    const text = node.textContent.trim();
    katex.render(text.slice(2, -2), node, {
      displayMode: text.startsWith("\\["),
      throwOnError: false,
    });
    if (node.matches("span")) keepTogether(node);
  }
});
