// 编辑框：一个朴素的 <textarea>。Tab 缩进四格；按 Esc 之后的 Tab 照常离开。
const INDENT = "    ";

// execCommand 保得住浏览器自己的撤销记录
function type(area, text) {
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }
}

function line(area) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  return [start, area.value.slice(start, area.selectionStart)];
}

function dedent(area) {
  const [start] = line(area);
  const spaces = /^ {0,4}/.exec(area.value.slice(start))[0].length;
  const place = Math.max(start, area.selectionStart - spaces);
  area.setSelectionRange(start, start + spaces);
  if (spaces) document.execCommand("delete");
  area.setSelectionRange(place, place);
}

function newLine(area) {
  const before = line(area)[1];
  const deeper = /:\s*(#.*)?$/.test(before) ? INDENT : "";
  type(area, `\n${/^ */.exec(before)[0]}${deeper}`);
}

export function editor(code, { onRun, onInput }) {
  const area = document.createElement("textarea");
  let leaving = false; // 刚按过 Esc
  Object.assign(area, { className: "dl-edit", value: code, spellcheck: false });
  area.setAttribute("autocapitalize", "off");
  area.setAttribute("aria-label", "编辑代码。Tab 缩进，先按 Esc 再按 Tab 离开，Ctrl 加回车运行");
  const fit = () => (area.rows = area.value.split("\n").length);
  fit();
  area.addEventListener("input", () => {
    fit();
    if (line(area)[1].length < 20) area.scrollLeft = 0; // 从长行回到行首，露出左边
    onInput(area.value);
  });
  area.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.isComposing) return;
    if (key === "Tab" && !leaving) event.shiftKey ? dedent(area) : type(area, INDENT);
    else if (key === "Enter" && (event.ctrlKey || event.metaKey)) onRun();
    else if (key === "Enter" && !event.shiftKey) newLine(area);
    else {
      leaving = key === "Escape" || (leaving && key === "Shift");
      return;
    }
    event.preventDefault();
  });
  return area;
}
