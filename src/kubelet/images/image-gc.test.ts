import assert from "node:assert/strict";
import { test } from "node:test";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import type { Image } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { ImageGc } from "./image-gc.ts";
import { bytesToFree } from "./image-gc-rules.ts";
import { settingsWith, type ChosenSettings } from "../settings/read-settings.ts";

const fills: readonly { readonly available: number; readonly want: number }[] = [
  { available: 160, want: 0 },
  { available: 150, want: 50 },
  { available: 0, want: 200 },
];
for (const { available, want } of fills) test(`${available} of 1000 left`, () => assert.equal(bytesToFree({ capacity: 1_000, available }, 85, 80), want));
test("a disk of no size", () => assert.equal(bytesToFree({ capacity: 0, available: 0 }, 85, 80), 0));

interface Node { readonly gc: ImageGc; readonly clock: VirtualClock; images: Image[]; available: number; readonly said: string[] }

const image = (id: string, more: Partial<Image> = {}): Image => ({ id, repoTags: [`r/${id}:1`], repoDigests: [`r/${id}@sha256:0`], size: "100", ...more });

function node(images: readonly Image[], used: readonly string[], chosen: ChosenSettings = {}, volumes: readonly string[] = []): Node {
  const clock = new VirtualClock(1_000_000);
  const state: Node = { images: [...images], available: 100, said: [], clock, gc: new ImageGc({
    settings: settingsWith(chosen), clock, log: silent, removed: () => {}, volumeImages: () => volumes, say: (_, message) => state.said.push(message),
    space: () => Promise.resolve({ capacity: 1_000, available: state.available }),
    runtime: {
      listContainers: () => Promise.resolve({ containers: used.map((imageRef) => ({ imageRef })) }),
      images: {
        imageStatus: ({ image: { image: name } }: { readonly image: { readonly image: string } }) => Promise.resolve({ image: state.images.find(({ repoTags }) => repoTags?.includes(name)) }),
        listImages: () => Promise.resolve({ images: state.images }),
        removeImage: ({ image: gone }: { readonly image: { readonly image: string } }) => {
          state.images = state.images.filter(({ id }) => id !== gone.image);
          return Promise.resolve({});
        },
      },
    } as unknown as Runtime,
  }) };
  return state;
}
const left = ({ images }: Node): string[] => images.map(({ id = "" }) => id);

test("a full disk: as many unused images go as bring it below the low mark", async () => {
  const full = node([image("used"), image("a"), image("b")], ["used"]);
  await full.gc.collect();
  assert.deepEqual(left(full), ["used", "b"]); // 100 bytes bring 900 of 1000 to 800
  assert.deepEqual(full.said, []);
});

test("an image that is a volume is used", async () => {
  const full = node([image("a"), image("b"), image("c")], [], {}, ["r/a:1", "r/gone:1"]);
  await full.gc.removeUnused();
  assert.deepEqual(left(full), ["a"]);
});

test("what is used, pinned, loaded by hand or just pulled stays", async () => {
  const full = node([image("used"), image("pinned", { pinned: true }), image("loaded", { repoDigests: [] })], ["used"]);
  await full.gc.collect();
  full.images.push(image("new"));
  await full.gc.collect();
  assert.deepEqual(left(full), ["used", "pinned", "loaded", "new"]);
  assert.equal(full.said.at(-1), "Failed to garbage collect required amount of images. Attempted to free 100 bytes, but only found 0 bytes eligible to free.");
  full.clock.advance(120_000);
  await full.gc.collect();
  assert.deepEqual(left(full), ["used", "pinned", "loaded"]);
});

test("a disk with room keeps its images, unless they are too old", async () => {
  const roomy = node([image("a")], [], { imageMaximumGCAge: "1h" });
  roomy.available = 900;
  await roomy.gc.collect();
  roomy.images.push(image("b"));
  await roomy.gc.collect();
  roomy.clock.advance(3_600_001);
  await roomy.gc.collect();
  assert.deepEqual(left(roomy), ["a"]); // there before the kubelet was: nobody knows how old
});
