// 这一页的 Python：第一次用到才启动，放在 Worker 里，死循环也停得下来。
//   run(chain, watch) 跑一串 [种类, 代码]；watch 的 onLoad、onStart、onText 都可以省
//   compute(code)     跑一段打印 JSON 的程序，返回它打印的值
//   stop()            立刻停下，并在后台重新启动
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0,
  253, 15, 253, 98, 11,
];
const OLD = "这个浏览器太旧，要 Chrome 或 Edge 95、Firefox 114、Safari 16.4 以上";
const USED = "dlnotes-python"; // 这次访问里启动过，文件已在缓存里
let worker = null;
let up = false; // 启动好了
let number = 0;
const jobs = new Map();

export function start() {
  if (worker) return;
  const mine = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  worker = mine;
  up = false;
  // 停下之后，还在路上的消息不算
  mine.onmessage = ({ data }) => mine === worker && hear(data);
  mine.onerror = (event) => mine === worker && fail(event.message || "worker error");
  const pack = document.querySelector("meta[name=dlnotes-pack]").content;
  worker.postMessage({ pack: new URL(pack, document.baseURI).href });
}

function hear({ failed, ready, loaded, total, id, started, text, result }) {
  if (failed) fail(failed);
  if (ready) {
    up = true;
    sessionStorage.setItem(USED, "1");
  }
  if (loaded && !up) for (const job of jobs.values()) job.onLoad?.(loaded, total);
  const job = jobs.get(id);
  if (started) job?.onStart?.();
  if (text) job?.onText?.(text);
  if (result) settle([id], result);
}

function settle(ids, result) {
  for (const id of ids) {
    jobs.get(id)?.done(result);
    jobs.delete(id);
  }
}

function quit(result) {
  worker?.terminate();
  worker = null;
  settle([...jobs.keys()], result);
}

function fail(reason) {
  quit({ failed: reason });
}

export function stop() {
  quit({ stopped: true });
  start();
}

export function run(chain, watch = {}) {
  if (!WebAssembly.validate(new Uint8Array(SIMD))) return Promise.resolve({ failed: OLD });
  start();
  const id = ++number;
  return new Promise((done) => {
    jobs.set(id, { ...watch, done });
    worker.postMessage({ id, chain: JSON.stringify(chain) });
  });
}

export async function compute(code, watch = {}) {
  let text = "";
  const result = await run([["script", code]], { ...watch, onText: (more) => (text += more) });
  if (result.error || result.failed || result.stopped)
    throw new Error(result.error || result.failed || "stopped");
  return JSON.parse(text);
}
