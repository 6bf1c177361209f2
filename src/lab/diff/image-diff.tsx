import { useEffect, useRef, useState } from 'react';
import type { MediaDiff } from '../../core/model/diff';
import { numberInWords } from '../panel/words';
import type { ContentProps } from './props';
import { shareInWords } from './diff-words';
import { Nothing } from './nothing';
import { pixelDifference, type Pixels } from './pixels';
import { useSideUrls } from './side-bytes';
import { sideNames } from './side-names';
import { type Tab, Tabs } from './tabs';

type Props = ContentProps<MediaDiff>;

/** Two pictures: beside each other, one over the other, and the pixels that differ. */
export function ImageDiff(props: Props): JSX.Element {
  const { model, content, trans } = props;
  const state = useSideUrls(props, content.mime);
  const [tab, setTab] = useState('beside');
  if (state.kind !== 'loaded') {
    return <Nothing text={state.kind === 'problem' ? state.message : trans.__('Loading…')} />;
  }
  const views: ImageViewProps = { ...props, urls: state.urls, sides: sideNames(model, trans) };
  const tabs: readonly Tab[] = [
    { id: 'beside', label: trans.__('Side by side'), render: () => <Beside {...views} /> },
    { id: 'swipe', label: trans.__('Swipe'), render: () => <Swipe {...views} /> },
    { id: 'pixels', label: trans.__('Pixels'), render: () => <PixelView {...views} /> }
  ];
  return (
    <div className="bb-TableDiff">
      <Tabs tabs={tabs} active={tab} onChange={setTab} label={trans.__('How to compare')} />
    </div>
  );
}

type ImageViewProps = Props & {
  readonly urls: readonly [string, string];
  readonly sides: readonly [string, string];
};

function Beside({ urls, sides, trans }: ImageViewProps): JSX.Element {
  const [dimensions, setDimensions] = useState<readonly (string | undefined)[]>([]);
  return (
    <div className="bb-Diff-scroll bb-Pair">
      {urls.map((url, index) => (
        <figure key={index}>
          <figcaption>
            {sides[index]} <span className="bb-Quiet">{dimensions[index]}</span>
          </figcaption>
          <img
            src={url}
            alt={trans.__('The picture in %1', sides[index]!)}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setDimensions(old => Object.assign([...old], { [index]: `${naturalWidth} × ${naturalHeight}` }))
            }
          />
        </figure>
      ))}
    </div>
  );
}

/** The earlier picture over the later one, cut where the slider is. */
function Swipe({ urls, sides, trans }: ImageViewProps): JSX.Element {
  const [share, setShare] = useState(50);
  return (
    <div className="bb-Diff-scroll bb-Swipe">
      <div className="bb-Swipe-control">
        <span>{sides[0]}</span>
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label={trans.__('How much of %1 covers %2', sides[0], sides[1])}
          aria-valuetext={`${share} %`}
          onChange={event => setShare(Number(event.target.value))}
        />
        <span>{sides[1]}</span>
      </div>
      <div className="bb-Swipe-pictures">
        <img src={urls[1]} alt={trans.__('The picture in %1', sides[1])} />
        <img
          src={urls[0]}
          alt={trans.__('The picture in %1', sides[0])}
          style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
        />
        <div className="bb-Swipe-line" style={{ left: `${share}%` }} />
      </div>
    </div>
  );
}

/** Pixels compared at most: beyond, a browser would stand still. */
const mostPixels = 40_000_000;
const mark = [230, 0, 120] as const;

function PixelView({ urls, sides, trans }: ImageViewProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [told, setTold] = useState(trans.__('Comparing…'));
  useEffect(() => {
    let gone = false;
    Promise.all(urls.map(readPixels)).then(
      ([from, to]) => {
        const node = canvas.current;
        if (gone || !node || !from || !to) {
          return;
        }
        const difference = pixelDifference(from, to, mark);
        const { width, height, different } = difference;
        node.width = width;
        node.height = height;
        node.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(difference.data), width, height), 0, 0);
        const share = shareInWords(different / Math.max(width * height, 1));
        setTold(trans._n('%1 pixel differs (%2)', '%1 pixels differ (%2)', different, share));
      },
      () => !gone && setTold(trans.__('These pictures cannot be compared by pixels.'))
    );
    return () => void (gone = true);
  }, [urls, trans]);
  return (
    <div className="bb-Diff-scroll">
      <p role="status">{told}</p>
      <canvas
        ref={canvas}
        className="bb-Pixels"
        role="img"
        aria-label={trans.__('Pixels of %1 that differ from %2, marked', sides[1], sides[0])}
      />
    </div>
  );
}

async function readPixels(url: string): Promise<Pixels> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height > mostPixels || width * height === 0) {
    throw new RangeError(`${numberInWords(width * height)} pixels`);
  }
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(image, 0, 0);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}
