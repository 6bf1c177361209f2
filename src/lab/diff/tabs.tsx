import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';

export type Tab = {
  readonly id: string;
  readonly label: string;
  /** Beside the label: how many there are. */
  readonly note?: string;
  readonly render: () => JSX.Element;
};

export type TabsProps = {
  readonly tabs: readonly Tab[];
  readonly active: string;
  readonly onChange: (id: string) => void;
  readonly label: string;
  /** Beside the tabs, at the end of their line. */
  readonly children?: ReactNode;
};

/** Tabs as screen readers and keyboards expect them: arrows move, one tab stop. */
export function Tabs({ tabs, active, onChange, label, children }: TabsProps): JSX.Element {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const at = tabs.findIndex(tab => tab.id === active);
      const next = (at + step + tabs.length) % tabs.length;
      onChange(tabs[next]!.id);
      list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
    }
  };
  return (
    <>
      <div className="bb-Tabs">
        <div ref={list} className="bb-Tabs-list" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
          {tabs.map(tab => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              className="bb-Tab"
              id={`${id}-${tab.id}`}
              aria-selected={tab.id === active}
              aria-controls={`${id}-panel`}
              tabIndex={tab.id === active ? 0 : -1}
              onClick={() => onChange(tab.id)}
            >
              {tab.label} {tab.note !== undefined && <span className="bb-Tab-note">{tab.note}</span>}
            </button>
          ))}
        </div>
        {children}
      </div>
      <div className="bb-Tabs-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${active}`}>
        {tabs.find(tab => tab.id === active)?.render()}
      </div>
    </>
  );
}
