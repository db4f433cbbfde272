// 会动的图：读者动滑块，就换上那一档的路径与文字。
// 各档在构建时由 Python 算好、画成路径，这里不算坐标；第一次碰到滑块才去取。
const parts = new Map();

function load({ dataset: { moving, stamp } }) {
  const { base } = JSON.parse(document.getElementById("__config").textContent);
  if (!parts.has(moving)) {
    const file = fetch(`${base}/assets/moving/${moving}.json?${stamp}`)
      .then((answer) => answer.ok ? answer.json() : Promise.reject(answer.status));
    parts.set(moving, file);
    file.catch(() => parts.delete(moving));
  }
  return parts.get(moving);
}

// 换上一档：各条线的路径、各个滑块的值、图下的话
function show(figure, paths, values, note) {
  figure.querySelectorAll(".curve").forEach((curve, k) => curve.setAttribute("d", paths[k]));
  figure.querySelector(".note").textContent = note;
  figure.querySelectorAll("[type=range]").forEach((dial, k) => {
    dial.setAttribute("aria-valuetext", `${values[k]}；${note}`);
    dial.nextElementSibling.textContent = values[k];
  });
}

async function turn(figure) {
  const dials = [...figure.querySelectorAll("[type=range]")];
  try {
    const { texts, paths, frames } = await load(figure);
    const at = dials.map((dial) => Number(dial.value)); // 取来时的位置，不是开始取时的
    const number = at.reduce((sum, k, j) => sum * texts[j].length + k, 0); // 最后一个变得最快
    const row = [...frames[number]];
    const note = row.pop();
    show(figure, row.map((k) => paths[k]), at.map((k, j) => texts[j][k]), note);
    figure.dataset.frame = number;
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
