/** The door to selectors of labels: `label-selector.ts`, text form in `label-parser.ts`. Those of fields are `field-selector.ts`'s. */
export { parseLabelSelector } from "./label-parser.ts";
export { everything, labelSelectorOf, selectorOfLabels, type LabelSelector } from "./label-selector.ts";
