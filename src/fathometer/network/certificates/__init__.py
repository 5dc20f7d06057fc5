"""What can be certified about the risk of a trained network."""

from fathometer.network.certificates._certificate import (
    NetworkCertified as NetworkCertified,
    OwnNetworkCertificate as OwnNetworkCertificate,
)
from fathometer.network.certificates._certify import certify as certify
from fathometer.network.certificates._head import Head as Head
from fathometer.network.certificates._recheck_files import recheck_file as recheck_file
from fathometer.network.certificates.language._language import (
    LanguageCertificate as LanguageCertificate,
    LanguageCertified as LanguageCertified,
    certify_language as certify_language,
)
