// 代码块上的 运行、停止、编辑、还原。按下之前只有按钮；Python 与编辑框到用时才取。
const MB = 1e6;
const pack = document.querySelector("meta[name=dlnotes-pack]");
let agreed = !navigator.connection?.saveData; // 省流量的读者按第二次才开始下载

const python = () => import("./python.mjs");

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function button(name, press, properties = {}) {
  const node = make("button", { type: "button", textContent: name, ...properties });
  node.addEventListener("click", press);
  return node;
}

// 一页的代码块，按先后：种类、这一段自己的代码、接在谁后面
export function cellsOf(root) {
  const cells = [];
  for (const box of root.querySelectorAll(".highlight[data-block][data-copy]")) {
    const { kind, copy, continues, unrunnable } = box.dataset;
    const before = continues === undefined ? null : cells.at(-1);
    const own = copy.slice(before ? before.copy.length : 0);
    cells.push({ box, kind, copy, before, own, code: own, unrunnable });
  }
  return cells;
}

// 跑一段之前先跑它接着的那些，与复制得到的相同
export const chainOf = (cell) => [
  ...(cell.before ? chainOf(cell.before) : []),
  [cell.kind, cell.code],
];

function setUp(cell) {
  const { box } = cell;
  const pre = box.querySelector("pre");
  if (cell.unrunnable) {
    box.append(make("p", { className: "dl-note" }, `不能在浏览器里运行：${cell.unrunnable}`));
    return;
  }
  const size = `第一次要下载 ${megabytes(pack.dataset.bytes)} MB`;
  cell.start = button("运行", () => execute(cell), { title: `在浏览器里运行（${size}）` });
  cell.stop = button("停止", () => halt(cell), { hidden: true });
  cell.edit = button("编辑", () => edit(cell));
  cell.reset = button("还原", () => reset(cell), { hidden: true });
  const bar = make("span", { className: "dl-run" }, cell.start, cell.stop, cell.edit, cell.reset);
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "在浏览器里运行");
  pre.prepend(bar);
  cell.state = make("span", { className: "dl-state" });
  cell.state.setAttribute("role", "status");
  cell.meter = make("span");
  cell.out = make("div", { className: "dl-out", tabIndex: 0, hidden: true });
  cell.out.setAttribute("role", "log");
  cell.out.setAttribute("aria-label", "运行结果");
  cell.pane = make("div", { className: "dl-pane" }, make("p", {}, cell.state, cell.meter), cell.out);
  cell.pane.hidden = true;
  box.append(cell.pane);
  for (const happening of ["pointerenter", "focus"])
    cell.start.addEventListener(happening, warm, { once: true });
  // 复制键给出编辑过的代码
  box.addEventListener("click", () => (box.dataset.copy = copyOf(cell)), { capture: true });
}

const copyOf = (cell) => chainOf(cell).map(([, code]) => code).join("");
const megabytes = (bytes) => (bytes / MB).toFixed(1);

async function warm() {
  if (sessionStorage.getItem("dlnotes-python")) (await python()).start();
}

function say(cell, text, meter = "") {
  cell.pane.hidden = false;
  if (cell.state.textContent !== text) cell.state.textContent = text;
  cell.meter.textContent = meter;
}

function print(cell, text, kind = "") {
  cell.out.hidden = false;
  cell.out.append(make("span", { className: kind, textContent: text }));
}

async function execute(cell) {
  if (cell.running) return;
  if (!agreed) {
    agreed = true;
    say(cell, `第一次运行要下载 ${megabytes(pack.dataset.bytes)} MB，再按一次“运行”就开始`);
    return;
  }
  busy(cell, true);
  cell.out.replaceChildren();
  cell.out.hidden = true;
  say(cell, "正在启动 Python");
  const result = await (await python()).run(chainOf(cell), {
    onLoad: (loaded, total) =>
      say(cell, "正在启动 Python", `${megabytes(loaded)} / ${megabytes(total)} MB`),
    onStart: () => say(cell, "运行中"),
    onText: (text) => print(cell, text),
  });
  finish(cell, result);
}

function finish(cell, { error, at, dropped, ms, stopped, failed }) {
  const early = error && at < chainOf(cell).length;
  if (early) print(cell, `前面的第 ${at} 段先出了错：\n`);
  if (error) print(cell, error, "dl-error");
  if (dropped) print(cell, `\n（太长，后面 ${dropped} 个字没有显示）`);
  const seconds = `${(ms / 1000).toFixed(2)} 秒`;
  if (stopped) say(cell, "已停止");
  else if (failed) say(cell, `没有成功：${failed}`);
  else say(cell, error ? `出错，用时 ${seconds}` : `完成，用时 ${seconds}`);
  busy(cell, false);
}

function busy(cell, running) {
  const lost = document.activeElement === cell.stop;
  cell.running = running;
  cell.start.setAttribute("aria-disabled", running);
  cell.stop.hidden = !running;
  cell.reset.hidden = running;
  cell.box.dataset.state = running ? "running" : "done";
  if (lost) cell.start.focus();
}

async function halt(cell) {
  say(cell, "正在停止");
  (await python()).stop();
}

async function edit(cell) {
  const { editor } = await import("./editor.mjs");
  if (cell.area) return cell.area.focus();
  cell.area = editor(cell.code.replace(/\n$/, ""), {
    onRun: () => execute(cell),
    onInput: (text) => (cell.code = `${text}\n`),
  });
  const code = cell.box.querySelector("pre > code");
  code.hidden = true;
  code.after(cell.area);
  cell.reset.hidden = false;
  cell.area.focus();
}

function reset(cell) {
  cell.code = cell.own;
  cell.area?.remove();
  cell.area = null;
  cell.box.querySelector("pre > code").hidden = false;
  cell.pane.hidden = true;
  cell.out.replaceChildren();
  cell.reset.hidden = true;
  cell.start.focus();
}

if (pack) cellsOf(document).forEach(setUp);
