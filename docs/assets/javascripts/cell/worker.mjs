// Worker 里的 Python。先收 {pack}（清单的地址），以后每次收 {id, chain}；
// 送回 {loaded, total}、{ready}、{id, started}、{id, text}、{id, result}，或 {failed}。
const plain = self.fetch;
let sizes = new Map();
let loaded = 0;
let total = 0;

// 数经过的字节；服务器压缩过的文件按压缩后的大小折算。数的是一份拷贝，原来的应答交回去，
// 浏览器才用得上它缓存的 WebAssembly 编译结果
async function counted(address, options) {
  const response = await plain(address, options);
  if (!response.ok) throw new Error(`${response.status} ${response.url}`);
  const rate = sizes.get(response.url);
  if (rate) count(response.clone().body.getReader(), rate).catch(() => {});
  return response;
}

async function count(reader, rate) {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    loaded += value.byteLength * rate;
    postMessage({ loaded, total });
  }
}
self.fetch = counted;

async function boot(manifest) {
  const pack = await (await counted(manifest)).json();
  const core = new URL(pack.core, manifest).href;
  const files = pack.files.map((file) => [new URL(file.path, manifest).href, file]);
  sizes = new Map(files.map(([url, file]) => [url, file.gzip / file.bytes]));
  total = pack.gzip;
  // import() 取的脚本不经过 fetch，算作已经取到
  loaded = files.filter(([url]) => url.endsWith(".mjs")).reduce((n, [, f]) => n + f.gzip, 0);
  const library = counted(new URL(pack.library, manifest)).then((r) => r.arrayBuffer());
  const runner = counted(new URL("runner.py", import.meta.url)).then((r) => r.text());
  const { loadPyodide } = await import(`${core}pyodide.mjs`);
  const python = await loadPyodide({
    indexURL: core,
    packages: ["numpy"],
    stdin: () => null, // input() 立刻读到末尾
    stdout() {},
  });
  python.unpackArchive(await library, "wheel");
  python.runPython(`import numpy\n${await runner}`);
  postMessage({ ready: true });
  return python;
}

let python = null;
self.onmessage = async ({ data: { pack, id, chain } }) => {
  try {
    if (pack) python = boot(pack);
    const { runPython } = await python;
    if (pack) return;
    postMessage({ id, started: true });
    const start = performance.now();
    const session = runPython("SESSION");
    const result = JSON.parse(session.run(chain, (text) => postMessage({ id, text })));
    session.destroy();
    postMessage({ id, result: { ...result, ms: performance.now() - start } });
  } catch (problem) {
    postMessage({ failed: String(problem.message ?? problem) });
  }
};
