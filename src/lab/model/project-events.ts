import type { Event } from '@jupyterlab/services';
import { eventSchema, type ProjectEvent } from '../../service/protocol';

/** Hear what the core sees happen to projects, through Jupyter's event stream. */
export function listenToEvents(events: Event.IManager, listener: (event: ProjectEvent) => void): void {
  events.stream.connect((_, emission) => {
    if (emission.schema_id === eventSchema && typeof emission['root'] === 'string') {
      listener(emission as unknown as ProjectEvent);
    }
  });
}
