"""Questions about a material's future and past: its outlook, its components, its purchases."""

from erp.material.selectors.bought import Bought as Bought
from erp.material.selectors.bought import bought as bought
from erp.material.selectors.components import Availability as Availability
from erp.material.selectors.components import availability as availability
from erp.material.selectors.outlook import Event as Event
from erp.material.selectors.outlook import Outlook as Outlook
from erp.material.selectors.outlook import outlooks as outlooks
from erp.material.selectors.pegs import Link as Link
from erp.material.selectors.pegs import links as links
