#!/usr/bin/env bash
# 在 Debian 13 里（容器，或者 debootstrap 的 chroot，以 root 身份）从源码重做 NumPy 的 wheel：
#   debootstrap trixie root && mount -t proc proc root/proc   # 再把下面三样拷进去
#   bash rebuild.sh <解开的 npm pyodide@314.0.7> <numpy-2.4.6.tar.gz> <放成品的文件夹>
# 源码包在 PyPI 上。CPython 3.14 的头文件取自 sid；3.14 各小版本的二进制接口相同。
#
# 2026-11-26 在 debootstrap 的 chroot 里从头跑过一遍（6.6 分钟 CPU）：与 wheels/ 里的相比，13 个 .so
# 有 12 个逐字节相同，_multiarray_umath 只差 __FILE__ 里的两处源码路径（那次构建文件夹放在源码
# 之外；已改成放在里面，改后没有再跑完），__config__.py 只差路径；二进制接口 0 处不合。
# 没有做的：在重做出来的 wheel 上再跑 NumPy 自己的测试（wheels/ 里的那个跑过，见 PROVENANCE.json）。
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pyodide=$(realpath "$1") sdist=$(realpath "$2") out=$(realpath -m "$3")
work=/opt/dlnotes-numpy
sha256sum --check --quiet <<<"f3a3570c4a2a16746ac2c31a7c7c7b0c186b95ce902e33db6f28094ed7387dda  $sdist"
mkdir -p "$work"/{bin,sysconfig,blas/lib/pkgconfig,numpy} "$out"
cd "$work"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
apt-get update -qq
apt-get install -y -qq --no-install-recommends \
  emscripten python3-venv python3-dev ninja-build pkgconf binutils ca-certificates
sed 's/ trixie / sid /' /etc/apt/sources.list >sid.list   # 只用来取一个包，不改系统的源
sid=(-o Dir::Etc::SourceList="$work/sid.list" -o Dir::State::Lists="$work/lists"
  -o Acquire::Check-Valid-Until=false)   # 镜像落后几天也行，签名照样核对
mkdir -p lists/partial
apt-get "${sid[@]}" update -qq
apt-get "${sid[@]}" download -qq libpython3.14-dev
dpkg-deb -x libpython3.14-dev_*.deb headers-deb

python3 -m venv build
./build/bin/pip install -q "meson-python==0.22.1" "cython==3.3.1" build wheel
export PATH=$work/build/bin:$PATH
# 发行版把 Emscripten 的系统库锁住了；放到自己的文件夹里，让它补编
export EM_CACHE=$work/cache EM_FROZEN_CACHE=0
[ -d "$EM_CACHE" ] || cp -r /usr/share/emscripten/cache "$EM_CACHE"

# 目标平台的 Python：配置与头文件
python3 -m zipfile -e "$pyodide/python_stdlib.zip" stdlib
cp stdlib/_sysconfigdata__emscripten_wasm32-emscripten.py sysconfig/
cp -rT headers-deb/usr/include/python3.14 headers
python3 "$here/pyconfig.py" sysconfig/_sysconfigdata__*.py \
  headers-deb/usr/include/x86_64-linux-gnu/python3.14/pyconfig.h >headers/pyconfig.h
export WASM_PYTHON_HEADERS=$work/headers

# 小 BLAS
emcc -O3 -ffp-contract=off -msimd128 -fPIC -fwasm-exceptions -sSUPPORT_LONGJMP=wasm \
  -Wno-everything -c "$here/minicblas.c" -o blas/minicblas.o
emar rcs blas/lib/libminicblas.a blas/minicblas.o
cat >blas/lib/pkgconfig/minicblas.pc <<PC
Name: minicblas
Description: the part of CBLAS that NumPy calls
Version: 0.1
Libs: -L$work/blas/lib -lminicblas
Cflags:
PC

install -m 755 "$here/wcc" bin/wcc
install -m 755 "$here/wcc" bin/wc++
printf '#!/bin/sh\nPKG_CONFIG_LIBDIR=%s exec pkg-config "$@"\n' "$work/blas/lib/pkgconfig" >bin/pkgconf
chmod +x bin/pkgconf
sed "s#@WORK@#$work#" "$here/cross.ini" >cross.ini
tar xzf "$sdist" -C numpy --strip-components=1

cd numpy
export _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__emscripten_wasm32-emscripten
export PYTHONPATH=$work/sysconfig _PYTHON_HOST_PLATFORM=pyemscripten_2026_0_wasm32
python -m build --wheel --no-isolation --skip-dependency-check --outdir "$work/dist" \
  -Cbuild-dir=build -Csetup-args=--cross-file="$work/cross.ini" \
  -Csetup-args=-Dblas=minicblas -Csetup-args=-Dlapack=none \
  -Csetup-args=-Dallow-noblas=true -Csetup-args=-Dbuildtype=release \
  -Cinstall-args=--tags=runtime,python-runtime
unset PYTHONPATH _PYTHON_SYSCONFIGDATA_NAME _PYTHON_HOST_PLATFORM
cd "$work/dist"
# 编的时候跑的是 3.13，二进制接口是 3.14 的；构建号让它不会被当成官方的
wheel tags --python-tag cp314 --abi-tag cp314 --build 1dlnotes --remove numpy-*.whl
sha256sum ./*.whl
cp ./*.whl "$out/"
