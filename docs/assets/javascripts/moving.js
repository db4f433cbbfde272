// 会动的图：读者动滑块，就换上那一档的路径与文字。
// 各档在构建时由 Python 算好、画成路径，这里不算坐标；第一次碰到滑块才去取。
const parts = new Map();

const base = () => JSON.parse(document.getElementById("__config").textContent).base;
const dialsOf = (figure) => [...figure.querySelectorAll("[type=range]")];
const boxesOf = (figure) => [...figure.querySelectorAll("[type=number]")];
const valuesOf = (dial) => JSON.parse(dial.dataset.values); // 由 Python 写在滑块上

function load({ dataset: { moving, stamp } }) {
  if (!parts.has(moving)) {
    const file = fetch(`${base()}/assets/moving/${moving}.json?${stamp}`)
      .then((answer) => answer.ok ? answer.json() : Promise.reject(answer.status));
    parts.set(moving, file);
    file.catch(() => parts.delete(moving));
  }
  return parts.get(moving);
}

// 换上一档：各条线的路径、各个滑块的值、图下的话
function show(figure, { paths, texts, note }) {
  figure.querySelectorAll(".curve").forEach((curve, k) => curve.setAttribute("d", paths[k]));
  figure.querySelector(".note").textContent = note;
  dialsOf(figure).forEach((dial, k) => {
    dial.setAttribute("aria-valuetext", `${texts[k]}；${note}`);
    dial.nextElementSibling.textContent = texts[k];
  });
}

async function turn(figure) {
  try {
    const { texts, paths, frames } = await load(figure);
    const at = dialsOf(figure).map((dial) => Number(dial.value)); // 取来时的位置，不是开始取时的
    const number = at.reduce((sum, k, j) => sum * texts[j].length + k, 0); // 最后一个变得最快
    const row = [...frames[number]];
    const note = row.pop();
    show(figure, { paths: row.map((k) => paths[k]), texts: at.map((k, j) => texts[j][k]), note });
    figure.dataset.frame = number;
    boxesOf(figure).forEach((box, k) => (box.value = valuesOf(dialsOf(figure)[k])[at[k]]));
  } catch {
    figure.querySelector(".note").textContent = "没有取到数据，图还是原来那一档；再动一下滑块会重试。";
  }
}

function dialOf({ target }) {
  return target.matches?.(".moving [type=range]") ? target.closest(".moving") : null;
}

for (const kind of ["focusin", "pointerover"]) {
  document.addEventListener(kind, (event) => {
    const figure = dialOf(event);
    if (figure) load(figure).catch(() => {});
  });
}

document.addEventListener("input", (event) => {
  const figure = dialOf(event);
  if (figure) turn(figure);
});

// ---------- 滑块没有的值：有运行用的包时，用真实的 Python 重算 ----------

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function boxFor(dial) {
  const values = valuesOf(dial);
  const box = make("input", { type: "number", required: true, autocomplete: "off" });
  const [min, max] = [Math.min(...values), Math.max(...values)];
  Object.assign(box, { min, max, step: dial.dataset.step, value: values[dial.value] });
  return make("label", {}, `${dial.labels[0].textContent} `, box);
}

const programOf = (stem, values) => `import json
from dlnotes_lib.moving.${stem} import FIGURE
print(json.dumps(FIGURE.shown(*${JSON.stringify(values)})))
`;

// 滑块停在最近的一档
function nearest(values, value) {
  const away = values.map((one) => Math.abs(one - value));
  return away.indexOf(Math.min(...away));
}

async function recompute(figure, form, say) {
  const values = boxesOf(figure).map((box) => box.valueAsNumber);
  form.dataset.state = "running";
  say("正在启动 Python");
  try {
    const { href } = new URL(`${base()}/assets/javascripts/cell/python.mjs`, document.baseURI);
    const { compute } = await import(href);
    show(figure, await compute(programOf(figure.dataset.moving, values), {
      onLoad: (loaded, total) => say(`正在下载，${megabytes(loaded)} / ${megabytes(total)} MB`),
      onStart: () => say("运行中"),
    }));
    figure.dataset.frame = "free";
    dialsOf(figure).forEach((dial, k) => (dial.value = nearest(valuesOf(dial), values[k])));
    say("算好了，图是刚算的");
  } catch (problem) {
    say(`没有成功：${problem.message.trim().split("\n").at(-1)}`);
  }
  form.dataset.state = "done";
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

function addForm(figure, pack) {
  const status = make("span", { textContent: `第一次要下载 ${megabytes(pack.dataset.bytes)} MB` });
  status.setAttribute("role", "status");
  const say = (text) => (status.textContent = text);
  const press = make("button", { textContent: "用真实 Python 重算" });
  const form = make("form", {}, ...dialsOf(figure).map(boxFor), press, status);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.state !== "running") recompute(figure, form, say);
  });
  figure.append(form);
}

document$.subscribe(() => {
  const pack = document.querySelector("meta[name=dlnotes-pack]");
  if (!pack) return;
  for (const figure of document.querySelectorAll(".moving:not(:has(form))")) addForm(figure, pack);
});
