import { readFile } from 'node:fs/promises';
import { WrongInput } from './errors.ts';

/** A file, or standard input for `-`. @throws WrongInput */
export const readInput = async (file: string): Promise<string> => {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
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
