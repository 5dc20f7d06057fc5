"""Problems of the variants with their fields: noise, a mean field, hardmax, frozen tokens, gluing, no sphere."""
