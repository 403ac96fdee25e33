// What the demos are told with: lines, chapters, and the commands' own output.
import { styleText } from 'node:util';

export const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

export function say(text: string): void {
  console.log(text);
}

/** Counts the chapters of one story. */
export function chapters(): (title: string) => void {
  let count = 0;
  return (title) => {
    count += 1;
    const line = `\n${count}. ${title}`;
    say(colour ? styleText('bold', line) : line);
  };
}
