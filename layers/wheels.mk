# What the layers' makefiles share. `sam build` copies a layer's folder elsewhere before it runs make there, but names the
# original makefile, so ROOT leads back to the checkout.

ROOT := $(abspath $(dir $(firstword $(MAKEFILE_LIST)))/../..)
PYTHON := $(firstword $(wildcard $(ROOT)/.venv/bin/python) python3)

# $(call wheels,FILE): what requirements/FILE.txt pins, as wheels for the Lambda runtime (Amazon Linux 2023, glibc 2.34),
# whatever Python and system build them. --no-deps: the file lists every dependency already.
# --no-compile: this Python's bytecode is of no use to another one.
wheels = $(PYTHON) -m pip --disable-pip-version-check install --quiet --no-deps --no-compile \
	--target "$(ARTIFACTS_DIR)/python" --requirement "$(ROOT)/requirements/$(1).txt" --require-hashes \
	--only-binary :all: --implementation cp --python-version 3.13 \
	--platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64

# Bytecode of the runtime's Python, where this machine has one; otherwise the build says that there is none.
bytecode = cd "$(ROOT)" && $(PYTHON) -m cli.authoring.bytecode "$(ARTIFACTS_DIR)"
