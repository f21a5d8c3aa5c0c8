"""Notices: what there is to tell somebody, worked out when it is told and never stored, so that nothing lingers."""
