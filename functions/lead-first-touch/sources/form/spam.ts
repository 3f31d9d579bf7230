import { textOf } from '../../../shared/door/answers.ts';
import type { Tree } from './body.ts';
import { isTree } from './shapes.ts';

const says = (value: unknown, ...words: string[]): boolean => words.includes(textOf(value)?.toLowerCase() ?? '');

const FLAGS = ['is_spam', 'isSpam', 'spam'];

const isFlagged = (tree: Tree): boolean => FLAGS.some((name) => says(tree[name], 'true', '1', 'yes'));

const has = (tree: Tree, ...names: string[]): boolean => names.every((name) => tree[name] !== undefined);

/**
 * The bodies whose `status` or `state` is their own. Anywhere else a visitor may have been asked something of that name, and the
 * answer "spam" loses nobody.
 */
const OWN: readonly ((tree: Tree) => boolean)[] = [
  // Gravity Forms: an entry.
  (tree) => has(tree, 'form_id', 'date_created', 'source_url') && says(tree.status, 'spam', 'trash'),
  // Contact Form 7: what it answers, and what Flamingo stores of it.
  (tree) => (has(tree, 'posted_data_hash') || has(tree, 'channel', 'from_email')) && says(tree.status, 'spam'),
  // Fluent Forms, with all fields.
  ({ __submission: own }) => isTree(own) && has(own, 'form_id') && says(own.status, 'spam', 'trashed'),
  // Netlify.
  (tree) => has(tree, 'form_name', 'site_url') && says(tree.state, 'spam'),
  // coss: held for a person or spam; of one that is accepted later another event comes.
  (tree) => tree.type === 'form.submission.flagged' && isTree(tree.data),
];

/** Where hooks put the entry that they are about. */
const INNER = ['data', 'entry', 'payload', 'submission'];

/** Whether the form itself calls a post spam. A flag that is null, false, 0, empty or any other word is none. */
export const isSpam = (tree: Tree): boolean =>
  [tree, ...INNER.map((name) => tree[name]).filter(isTree)].some(
    (one) => isFlagged(one) || OWN.some((isOwn) => isOwn(one)),
  );
