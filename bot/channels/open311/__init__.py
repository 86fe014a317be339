"""Open311 GeoReport v2: other cities' programs read and file cases in the words they know.

Only where the operator gave a key (LINLI_OPEN311_KEY). Services are the categories of the case room. Of a
case nothing is told but category, whether it is open, days and grid: no words, no contact field, and nothing
at all of what is sensitive. Still, single cases say more than the map does, so reading them wants the key
too; the standard asks for one only to file.
"""
