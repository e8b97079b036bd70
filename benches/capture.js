// Notes every Wasm instance that is made after this module ran; imported before the script that makes one.
const { Instance } = WebAssembly;
globalThis.instances = [];
WebAssembly.Instance = function (...given) {
  const instance = new Instance(...given);
  globalThis.instances.push(instance);
  return instance;
};
WebAssembly.Instance.prototype = Instance.prototype;
