// node repack.mjs <核心的文件夹> <有 jobs.json 的文件夹>：启动 Pyodide，在里面跑 repack.py。
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

// 不用 Node 自己的报错：它会把出错的那一行整行印出来，一行就是一兆
process.on("uncaughtException", (error) => {
  console.error(error.stack ?? String(error));
  process.exit(1);
});

const [core, work] = process.argv.slice(2).map((folder) => path.resolve(folder));
const { loadPyodide } = await import(pathToFileURL(path.join(core, "pyodide.mjs")));
const python = await loadPyodide({
  indexURL: core + path.sep,
  env: { PYTHONHASHSEED: "0" }, // 集合的次序不许进产物
});
python.mountNodeFS("/work", work);
python.FS.mkdirTree("/lib/own/browser");
for (const name of ["__init__.py", "repack.py", "wheels.py"]) {
  python.FS.writeFile(`/lib/own/browser/${name}`, fs.readFileSync(new URL(name, import.meta.url)));
}
python.runPython(`
import os, sys
sys.path.insert(0, "/lib/own")
os.chdir("/work")
from browser import repack
repack.main("jobs.json")
`);
