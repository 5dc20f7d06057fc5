"""What is brought, as one kind of network, whatever framework it comes from."""

from fathometer.network.adapters._factory import brought as brought
from fathometer.network.adapters._wrap import wrap as wrap
