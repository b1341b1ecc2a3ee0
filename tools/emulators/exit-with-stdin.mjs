// Preloaded (`node --import`) into servers that others wrote: when the pipe on stdin closes, because whoever started
// the server asked it to stop or died, even by SIGKILL, the server stops as if Ctrl+C had been pressed.
// Azurite writes its tables and queues to disk only every few seconds and when it stops this way.
let over = false;

function stop() {
  if (over) return;
  over = true;
  if (!process.emit("SIGINT")) process.exit(0);
  setTimeout(() => process.exit(0), 8_000).unref();
}

process.stdin.on("end", stop);
process.stdin.on("close", stop);
process.stdin.on("error", stop);
process.stdin.resume();
