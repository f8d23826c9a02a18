"""An audit told: page, paper, SARIF, and the sheet for those who use the phones."""
