// node boot.mjs <核心的文件夹> <锁里的包名或 wheel 的路径>... < 程序
// 启动、装包、跑标准输入里的 Python；它打印的原样打印，最后一行是各步的毫秒数（JSON；机器忙时看 cpu）。
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

// 不用 Node 自己的报错：它会把出错的那一行整行印出来，一行就是一兆
process.on("uncaughtException", (error) => {
  console.error(error.stack ?? String(error));
  process.exit(1);
});

const [folder, ...packages] = process.argv.slice(2);
const core = path.resolve(folder) + path.sep;
const code = fs.readFileSync(0, "utf8");
const times = {};
let since = performance.now();
let used = process.cpuUsage();
function lap(name) {
  const { user, system } = process.cpuUsage(used);
  times[name] = { wall: Math.round(performance.now() - since), cpu: Math.round((user + system) / 1000) };
  since = performance.now();
  used = process.cpuUsage();
}

const { loadPyodide } = await import(pathToFileURL(core + "pyodide.mjs"));
const python = await loadPyodide({ indexURL: core });
lap("core");
const extractDir = "/lib/python3.14/site-packages";
const quiet = { messageCallback() {}, errorCallback: console.error };
for (const name of packages) {
  if (name.endsWith(".whl")) python.unpackArchive(new Uint8Array(fs.readFileSync(name)), "wheel", { extractDir });
  else await python.loadPackage(name, quiet);
}
lap("packages");
python.runPython("import numpy");
lap("numpy");
python.runPython(code);
lap("code");
console.log(JSON.stringify(times));
