/** Who may import whom. The one place where the direction of the code is written down. */
export const layers: Record<string, readonly string[]> = {
  base: [],
  apimachinery: ["base"],
  api: ["base", "apimachinery"],
  storage: ["base"],
  client: ["base", "apimachinery", "api"],
  apiserver: ["base", "apimachinery", "api", "client", "storage"],
  controllers: ["base", "apimachinery", "api", "client"],
  provisioner: ["base", "apimachinery", "api", "client", "controllers"], // its work queue is the controllers'
  scheduler: ["base", "apimachinery", "api", "client"],
  cri: ["base"],
  csi: ["base"],
  images: ["base"],
  containerd: ["base"],
  volumes: ["base", "apimachinery", "api", "csi"],
  kubelet: ["base", "apimachinery", "api", "client", "cri", "csi", "volumes"],
  cni: ["base", "apimachinery", "api", "client"],
};

/** Imports that reach outside the process, and the layers that may use them. */
export const doors: Record<string, readonly string[]> = {
  "node:fs": ["base", "provisioner", "storage", "kubelet", "cri", "cni", "volumes", "images", "containerd"],
  "node:child_process": ["base"],
  "#base/exec.ts": ["cni", "volumes", "images", "containerd"], // beside cmd, which may do everything
  "#base/daemon.ts": ["containerd"],
  "node:timers/promises": ["base"],
};
