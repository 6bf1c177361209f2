import { placeContract } from '../../contract/place';
import { documentPlaceAs } from '../../support/document-places';
import { temporaryDirectory } from '../../support/temporary-directory';

placeContract('folder', async () => ({ as: documentPlaceAs(temporaryDirectory()), git: null }));
