/** A question of a form and what was answered, as it is passed on: for placeholders, and for people. */
export interface FormAnswer {
  /** As people read it, where the form says so. */
  readonly question: string;
  /** At most 500 characters; several choices with a comma between. */
  readonly value: string;
  /** Other names that the question goes by. */
  readonly names?: readonly string[];
  /** The choices, where there are several. */
  readonly choices?: readonly string[];
}
