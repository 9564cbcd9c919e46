"use strict";
Omni.startTheme();
if (document.body.dataset.page === "index") {
  const board = makeBoard();
  startScatter(board);
  board.start();
} else {
  startEntry();
}
