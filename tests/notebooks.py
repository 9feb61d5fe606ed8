"""Runs the notebook and writes it with its outputs: `EXOREVIEW_URL=… python tests/notebooks.py`.

The same data gives the same bytes: no times, no file paths, no versions.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from exoreview import files

NOTEBOOK = files.path("notebooks/claims.ipynb")
REPAIR = "EXOREVIEW_URL=http://127.0.0.1:8000 python tests/notebooks.py"


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a run in a fresh kernel; nothing of the user's settings is used."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"IPYTHONDIR": folder, "JUPYTER_CONFIG_DIR": folder}
        # Sockets of this user alone, not ports of the machine.
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})
        NotebookClient(
            notebook,
            config=config,
            kernel_name="python3",
            timeout=120,
            record_timing=False,
            resources={"metadata": {"path": folder}},
            # A kernel that is asked to end races with its own threads for their sockets, and may abort.
            shutdown_kernel="immediate",
        ).execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else NOTEBOOK
    nbformat.write(executed(NOTEBOOK), out)
