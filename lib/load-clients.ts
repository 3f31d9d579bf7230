import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, warningsOf } from './client.ts';
import { ClientProblems, type Problem, worded } from './client-problems.ts';
import { isOfSchema, schemaIn, schemaProblem } from './client-schema.ts';
import { lineOf } from './line-of.ts';

/** A client file that cannot be used. The message names the file and what is wrong, and is enough without a stack. */
export class ClientFileError extends Error {
  override readonly name = 'ClientFileError';
}

/**
 * Reads the client files of a folder, sorted by name. One that cannot be read is left out and stops no other, unless it is the one that is
 * wanted, or there is no other: nothing is taken away from a stack that is not synthesised.
 * @param only this client alone; a broken file of another client then does no harm
 * @param warn is told what a file had better not say, a line for each thing, and which file was left out; nothing else comes of it
 * @param onLeftOut is told of each file that was left out
 * @throws ClientFileError
 */
export async function loadClients(
  directory: string,
  only?: string,
  warn: (line: string) => void = () => {},
  onLeftOut: (error: ClientFileError) => void = () => {},
): Promise<Client[]> {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const wanted = only === undefined ? files : files.filter((file) => file === `${only}.ts`);
  if (wanted.length === 0) {
    const known = files.map((file) => basename(file, '.ts')).join(', ') || 'none';
    throw new ClientFileError(`No client file clients/${only ?? '<name>'}.ts. There are: ${known}.`);
  }
  const loaded = await Promise.all(wanted.map((file) => loadClient(directory, file).catch(unread)));
  const clients = loaded.flatMap((one) => (isUnread(one) ? [] : [one]));
  const [first] = loaded;
  if (clients.length === 0 && first && isUnread(first)) throw first;
  for (const [i, file] of wanted.entries()) {
    const one = loaded[i];
    const lines = one && !isUnread(one) ? located(directory, file, warningsOf(one)) : [];
    if (one && isUnread(one)) {
      warn(`Warning: left out, the others are not: ${one.message}`);
      onLeftOut(one);
    }
    for (const line of lines) warn(`Warning: ${line}`);
  }
  return clients;
}

const isUnread = (one: Client | ClientFileError): one is ClientFileError => one instanceof ClientFileError;

/** What is no fault of a file ends it for all. */
const unread = (error: unknown): ClientFileError => {
  if (error instanceof ClientFileError) return error;
  throw error;
};

async function loadClient(directory: string, file: string): Promise<Client> {
  const name = basename(file, '.ts');
  let client: Client | undefined;
  try {
    ({ default: client } = await import(pathToFileURL(join(directory, file)).href));
  } catch (error) {
    throw refused(directory, file, error);
  }
  if (!client?.templates) throw new ClientFileError(`clients/${file}: write "export default defineClient({ ... })".`);
  if (client.name !== name) {
    // Stacks and secrets are named after the client: two files with one name would overwrite each other.
    throw new ClientFileError(
      `clients/${file}: name is "${client.name}"; write name: '${name}', as the file is called.`,
    );
  }
  return client;
}

/** By its version, where that is why; a file of a later release may import what this one does not have, and then does not get as far as telling. */
function refused(directory: string, file: string, error: unknown): ClientFileError {
  const own = problemsIn(error);
  const told = own === undefined ? schemaProblem(schemaIn(readFileSync(join(directory, file), 'utf8'))) : undefined;
  const problem = told ?? own?.find(isOfSchema);
  if (problem === undefined) return new ClientFileError(explained(directory, file, error));
  return new ClientFileError(located(directory, file, [problem]).join(''));
}

/** By its name: whoever loads client files may have this class a second time. */
const problemsIn = (error: unknown): readonly Problem[] | undefined =>
  error instanceof Error && error.name === ClientProblems.name ? (error as ClientProblems).problems : undefined;

/** What is wrong and where: a line for each problem, by file and line, as editors and terminals can open it. */
function explained(directory: string, file: string, error: unknown): string {
  const problems = problemsIn(error);
  if (problems === undefined) {
    // Where in the file it was thrown, if the file is on the stack at all.
    const at =
      error instanceof Error
        ? new RegExp(`${file.replace('.', '\\.')}(:\\d+)`).exec(error.stack ?? '')?.[1]
        : undefined;
    return `clients/${file}${at ?? ''}: ${error instanceof Error ? error.message : error}`;
  }
  const lines = located(directory, file, problems);
  return `clients/${file}: this client file cannot be used:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** Each problem behind its file and line. */
function located(directory: string, file: string, problems: readonly Problem[]): string[] {
  const text = readFileSync(join(directory, file), 'utf8');
  return problems.map((problem) => {
    const line = lineOf(text, problem.path);
    return `clients/${file}${line === undefined ? '' : `:${line}`}  ${worded(problem)}`;
  });
}
