import assert from "node:assert/strict";
import { test } from "node:test";
import { textsOf } from "./explain-texts.ts";

test("a class and its fields are read with their comments, escapes undone", () => {
  const source = "/**\n * Licence\n */\nimport { A } from './a.js';\n/**\n* A thing.\n* Of two lines.\n*/\nexport declare class V1Thing {\n    /**\n    * The image\\'s name.\n    */\n    'image'?: string;\n    'plain': A;\n}\n";
  assert.deepEqual(textsOf(source), ["V1Thing", { "": "A thing. Of two lines.", image: "The image's name." }]);
});
