/** The time of an object's field in milliseconds; 0 where it is absent. */
export const millis = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time));
