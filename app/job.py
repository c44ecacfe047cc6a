"""Job: something that is done in a thread of its own, beside the pages."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

STOP_SECONDS = 10.0
"""How long to wait for what goes on at the end; what is left of it is done after the next start."""


class Job(ABC):
    """Works between `start` and `stop`."""

    def __init__(self, name: str, patience: float = STOP_SECONDS) -> None:
        """Name the thread; nothing is started yet. `patience` is how many seconds `stop` waits for its end."""
        self._patience = patience
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what goes on, and end the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(self._patience)

    @abstractmethod
    def _work(self) -> None:
        """Do it until `_stopping` is set; raise nothing."""
