// A worker of `exchange-worker.js`, asked one question after the other.
export const open = (progress) => {
  const worker = new Worker("exchange-worker.js", { type: "module" });
  let settle = () => {};
  worker.onmessage = ({ data }) => (data.progress === undefined ? settle(data) : progress(data.progress));
  worker.onerror = () => settle({ fault: "module" });
  return {
    ask: (...question) =>
      new Promise((resolve) => {
        settle = resolve;
        worker.postMessage(question);
      }),
    end: () => {
      worker.terminate();
      worker.onmessage = null;
      settle({ fault: "ended" });
    },
  };
};
