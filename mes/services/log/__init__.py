"""The log of the floor: take an event of any kind, at once or late; decide about what was kept back; fold it again."""

from mes.services.log.batch import Said as Said
from mes.services.log.batch import take_batch as take_batch
from mes.services.log.correcting import NothingToCorrect as NothingToCorrect
from mes.services.log.correcting import TooLateToUndo as TooLateToUndo
from mes.services.log.correcting import correct as correct
from mes.services.log.correcting import take_back as take_back
from mes.services.log.deciding import AlreadyDecided as AlreadyDecided
from mes.services.log.deciding import accept_quarantined as accept_quarantined
from mes.services.log.deciding import can_be_accepted as can_be_accepted
from mes.services.log.deciding import dismiss_quarantined as dismiss_quarantined
from mes.services.log.deciding import release_stale as release_stale
from mes.services.log.doing import Answer as Answer
from mes.services.log.doing import do as do
from mes.services.log.quarantine import event_of as event_of
from mes.services.log.rebuilding import Difference as Difference
from mes.services.log.rebuilding import rebuild as rebuild
from mes.services.log.rewording import Right as Right
from mes.services.log.rewording import correct_quarantined as correct_quarantined
from mes.services.log.taking import take as take
