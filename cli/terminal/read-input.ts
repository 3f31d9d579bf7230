import { readFile } from 'node:fs/promises';
import { decodeText } from '../../functions/shared/runtime/charset.ts';
import { standardInput } from './ask.ts';
import { WrongInput } from './errors.ts';

/** A file, or standard input for `-`; UTF-8 or, as PowerShell writes it, UTF-16 with its mark. @throws WrongInput */
export const readInput = async (file: string): Promise<string> => {
  try {
    return file === '-' ? await standardInput() : decodeText(await readFile(file));
  } catch {
    throw new WrongInput(`${file} cannot be read.`);
  }
};

/** @throws WrongInput that names the file */
export const parseInput = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongInput(`${file} is not JSON.`);
  }
};
