import { readFile } from 'node:fs/promises';
import { standardInput } from './ask.ts';
import { WrongInput } from './errors.ts';

/** A file, or standard input for `-`. @throws WrongInput */
export const readInput = async (file: string): Promise<string> => {
  try {
    return file === '-' ? await standardInput() : await readFile(file, 'utf8');
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
