"""Sets the peers up, once for each kind of processor, in a cache of their own.

Everything lies under `${XDG_CACHE_HOME:-~/.cache}/martlet-peers/KEY`, where KEY is made from the processor's
flags, because llama.cpp is built for exactly this processor:

    venv/        sentence-transformers, onnxruntime, tokenizers ... pinned by requirements.txt
    llama.cpp/   sources out of the llama-cpp-python package, built with GGML_NATIVE=ON
    models/      SmolLM2 requantized from its Q4_1 file to the other formats that are raced
    corpus/      English text out of the docstrings of the venv's packages
    onnx/        MiniLM as ONNX, in float32 and dynamic int8
    limits       the program that measures memory and arithmetic (limits.c)

Each step leaves a stamp when it is done, and is skipped when the stamp is there and its recipe is unchanged.
"""
import glob
import importlib.util
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
LLAMA_CPP_PACKAGE = "0.3.36"
LLAMA_CPP_PROGRAMS = ["llama-bench", "llama-batched-bench", "llama-quantize", "llama-perplexity", "llama-simple"]
REQUANTIZED = {"q4_0": "Q4_0", "q4_k_m": "Q4_K_M", "q8_0": "Q8_0", "bf16": "BF16"}


class SetupError(Exception):
    """A peer that could not be set up, and what to do about it."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def processor():
    """The processor's name and flags."""
    with open("/proc/cpuinfo") as file:
        fields = dict(part.partition(":")[::2] for part in file.read().split("\n\n")[0].splitlines())
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    name = f"{fields['model name']} (family {fields['cpu family']}, model {fields['model']})"
    return name, fields["flags"].split()


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    flags = sorted(processor()[1])
    return os.path.join(base, "martlet-peers", hashlib.sha256(" ".join(flags).encode()).hexdigest()[:12])


def call(command, **options):
    """Run a set-up command quietly; on failure show the end of what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise SetupError(f"{' '.join(command)}\nfailed with status {done.returncode}:\n{done.stdout[-3000:]}")


class Peers:
    """Where the peers are, and how each is made."""

    def __init__(self, smollm2, minilm):
        self.root = cache_folder()
        self.smollm2, self.minilm = smollm2, minilm
        self.venv = os.path.join(self.root, "venv")
        self.python = os.path.join(self.venv, "bin", "python")
        self.corpus = os.path.join(self.root, "corpus")
        self.onnx = os.path.join(self.root, "onnx")
        self.limits = os.path.join(self.root, "limits")

    def program(self, name):
        return os.path.join(self.root, "llama.cpp", "build", "bin", name)

    def model(self, form):
        """The path of SmolLM2 in one of the requantized formats."""
        return os.path.join(self.root, "models", f"smollm2-135m-instruct-{form}.gguf")

    def set_up(self):
        missing = [program for program in ("gcc", "g++", "git") if not shutil.which(program)]
        if not importlib.util.find_spec("ensurepip"):
            missing.append("python3-venv")
        if missing:
            raise SetupError("the peers cannot be set up without these packages: apt-get install " + " ".join(missing))
        os.makedirs(self.root, exist_ok=True)
        self.step("venv", self.make_venv, recipe=os.path.join(HERE, "requirements.txt"))
        self.step("llama.cpp", self.build_llama_cpp, recipe_text=" ".join([LLAMA_CPP_PACKAGE] + self.without_amx()))
        self.step("models", self.requantize, recipe_text=" ".join(REQUANTIZED))
        self.step("corpus", self.make_corpus, recipe=os.path.join(HERE, "corpus.py"))
        self.step("onnx", self.export_onnx, recipe=os.path.join(HERE, "export_onnx.py"))
        self.step("limits-build", self.build_limits, recipe=os.path.join(HERE, "limits.c"))

    def step(self, name, action, recipe=None, recipe_text=""):
        if recipe:
            with open(recipe) as file:
                recipe_text = file.read()
        digest = hashlib.sha256(recipe_text.encode()).hexdigest()
        stamp = os.path.join(self.root, f".{name}.done")
        if os.path.exists(stamp):
            with open(stamp) as file:
                if file.read() == digest:
                    return
        say(f"bench: setting up {name} in {self.root}")
        action()
        with open(stamp, "w") as file:
            file.write(digest)

    def make_venv(self):
        call([sys.executable, "-m", "venv", self.venv])
        call([self.python, "-m", "pip", "install", "--quiet", "-r", os.path.join(HERE, "requirements.txt")])

    def build_llama_cpp(self):
        """The sources of the package's llama.cpp, without building the package itself."""
        source, unpacked = os.path.join(self.root, "llama.cpp"), os.path.join(self.root, "unpacked")
        call([self.python, "-m", "pip", "install", "--quiet", "scikit-build-core"])
        call([self.python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation",
              "--no-binary", "llama-cpp-python", f"llama-cpp-python=={LLAMA_CPP_PACKAGE}", "-d", unpacked])
        archive, = glob.glob(os.path.join(unpacked, "llama_cpp_python-*.tar.gz"))
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        shutil.rmtree(source, ignore_errors=True)
        vendored, = glob.glob(os.path.join(unpacked, "llama_cpp_python-*", "vendor", "llama.cpp"))
        shutil.move(vendored, source)
        shutil.rmtree(unpacked)
        cmake = os.path.join(self.venv, "bin", "cmake")
        call([cmake, "-S", source, "-B", os.path.join(source, "build"), "-DCMAKE_BUILD_TYPE=Release",
              "-DGGML_NATIVE=ON", "-DLLAMA_CURL=OFF", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_SERVER=OFF"]
             + self.without_amx())
        call([cmake, "--build", os.path.join(source, "build"), "--parallel", str(os.cpu_count()),
              "--target"] + LLAMA_CPP_PROGRAMS)

    @staticmethod
    def without_amx():
        """Options where the processor has AMX: what gcc 12 makes of llama.cpp's AMX kernels dies with an illegal
        instruction at its first tile. Without them it runs on AVX-512 with VNNI."""
        if not any(flag.startswith("amx") for flag in processor()[1]):
            return []
        flags = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
        return [f"-DCMAKE_C_FLAGS={flags}", f"-DCMAKE_CXX_FLAGS={flags}"]

    def requantize(self):
        os.makedirs(os.path.join(self.root, "models"), exist_ok=True)
        for form, kind in REQUANTIZED.items():
            partial = self.model(form) + ".partial"
            call([self.program("llama-quantize"), "--allow-requantize", self.smollm2, partial, kind])
            os.rename(partial, self.model(form))

    def make_corpus(self):
        packages, = glob.glob(os.path.join(self.venv, "lib", "python3*", "site-packages"))
        call([self.python, os.path.join(HERE, "corpus.py"), packages, self.corpus])

    def export_onnx(self):
        call([self.python, os.path.join(HERE, "export_onnx.py"), self.minilm, self.onnx],
             env=dict(os.environ, HF_HUB_OFFLINE="1"))

    def build_limits(self):
        call(["gcc", "-O3", "-march=native", "-pthread", os.path.join(HERE, "limits.c"), "-o", self.limits])

    def llama_cpp_version(self):
        path = os.path.join(self.root, "llama.cpp", "build", "common", "build-info.cpp")
        try:
            with open(path) as file:
                commit = file.read().split('LLAMA_COMMIT = "')[1].split('"')[0]
        except (OSError, IndexError):
            commit = "unknown"
        amx = ", without AMX" if self.without_amx() else ""
        return f"llama-cpp-python {LLAMA_CPP_PACKAGE}, commit {commit}, native{amx}"
