/**
 * The program of the pause image, as machine code: the process that holds a pod's namespaces.
 *
 * It blocks every signal, so that none but its own two end it, ignores SIGCHLD, so that the kernel reaps the orphans
 * that come to it where it is process 1 of a shared namespace, and waits for SIGINT or SIGTERM, at which it exits with 0.
 */

export type Architecture = "amd64" | "arm64";

const base = 0x400000;
const headerBytes = 64 + 56;

/** What the code points at; it stands between the headers and the code. */
const everySignal = { address: base + headerBytes, bytes: Buffer.alloc(8, 0xff) };
const ignore = { address: everySignal.address + 8, bytes: littleEndian(1n, 32) }; // struct sigaction { SIG_IGN, no flags, no restorer, no mask }
const stopSignals = { address: ignore.address + 32, bytes: littleEndian((1n << 1n) | (1n << 14n), 8) }; // SIGINT and SIGTERM
const data = Buffer.concat([everySignal.bytes, ignore.bytes, stopSignals.bytes]);

const sigBlock = 0;
const sigChld = 17;
const setBytes = 8;

/** A static ELF executable of a few hundred bytes. */
export function pauseBinary(architecture: Architecture): Buffer {
  const [machine, code] = architecture === "amd64" ? [62, amd64()] as const : [183, arm64()] as const;
  return Buffer.concat([headers(machine, headerBytes + data.length + code.length), data, code]);
}

function amd64(): Buffer {
  const call = (number: number, ...args: readonly number[]): number[] => [
    ...args.flatMap((value, i) => [...(setRegister[i] ?? []), ...word(value)]),
    0xb8, ...word(number), // mov eax, number
    0x0f, 0x05, // syscall
  ];
  const setRegister = [[0xbf], [0xbe], [0xba], [0x41, 0xba]]; // mov edi / esi / edx / r10d, value
  const wait = [...call(128, stopSignals.address, 0, 0, setBytes), 0x85, 0xc0]; // rt_sigtimedwait; test eax, eax
  return Buffer.from([
    ...call(14, sigBlock, everySignal.address, 0, setBytes), // rt_sigprocmask
    ...call(13, sigChld, ignore.address, 0, setBytes), // rt_sigaction
    ...wait, 0x78, 0x100 - wait.length - 2, // js wait
    ...call(231, 0), // exit_group
  ]);
}

function arm64(): Buffer {
  const set = (register: number, value: number): number[] => [
    0xd2800000 | ((value & 0xffff) << 5) | register, // movz
    0xf2a00000 | ((value >>> 16) << 5) | register, // movk, lsl 16
  ];
  const call = (number: number, ...args: readonly number[]): number[] => [...args.flatMap((value, i) => set(i, value)), ...set(8, number), 0xd4000001]; // svc 0
  const wait = call(137, stopSignals.address, 0, 0, setBytes);
  return Buffer.from([
    ...call(135, sigBlock, everySignal.address, 0, setBytes),
    ...call(134, sigChld, ignore.address, 0, setBytes),
    ...wait, 0xb7f80000 | ((-wait.length & 0x3fff) << 5), // tbnz x0, 63, wait
    ...call(94, 0),
  ].flatMap(word));
}

/** One file header and one segment, readable and executable, that covers the whole file. */
function headers(machine: number, fileBytes: number): Buffer {
  const entry = base + headerBytes + data.length;
  const file = Buffer.alloc(64);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bits, little endian
  file.writeUInt16LE(2, 16); // executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(entry), 24);
  file.writeBigUInt64LE(64n, 32); // where the program header is
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  const segment = Buffer.alloc(56);
  segment.writeUInt32LE(1, 0); // load
  segment.writeUInt32LE(0b101, 4); // read, execute
  for (const at of [16, 24]) segment.writeBigUInt64LE(BigInt(base), at);
  for (const at of [32, 40]) segment.writeBigUInt64LE(BigInt(fileBytes), at);
  segment.writeBigUInt64LE(0x10000n, 48); // alignment: the largest page that arm64 has
  return Buffer.concat([file, segment]);
}

const word = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];

function littleEndian(value: bigint, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeBigUInt64LE(value);
  return out;
}
