import { HTMLSelect } from '@jupyterlab/ui-components';

export type ChoiceProps<T extends string> = {
  /** For screen readers, and as tooltip when there is no `reason`. */
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, words: string])[];
  readonly onChange: (value: T) => void;
  /** Why it cannot be changed; undefined when it can. */
  readonly reason?: string | undefined;
};

/** One of a few. Where it cannot be changed, it says why. */
export function Choice<T extends string>({ label, value, options, onChange, reason }: ChoiceProps<T>): JSX.Element {
  return (
    <span className="bb-SelectOne" title={reason ?? label}>
      <HTMLSelect
        aria-label={reason === undefined ? label : `${label}. ${reason}`}
        value={value}
        disabled={reason !== undefined}
        onChange={event => onChange(event.target.value as T)}
      >
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </HTMLSelect>
    </span>
  );
}
