/** The door to selectors: of labels (`label-selector.ts`, text form in `label-parser.ts`) and of fields. */
export { parseLabelSelector } from "./label-parser.ts";
export { everything, labelSelectorOf, nothing, selectorOfLabels, type LabelSelector } from "./label-selector.ts";
export { parseFieldSelector, type FieldSelector } from "./field-selector.ts";
