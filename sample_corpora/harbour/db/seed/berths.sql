-- Demo data for local work. Ports come from ports.csv, which is exported from a
-- spreadsheet and therefore UTF-16; `make seed` converts it
-- into the table seed_ports.
INSERT INTO organisations (id, name, kind) VALUES
    ('org-goa',    'Göteborg Port Authority',   'authority'),
    ('org-vinga',  'Vinga Terminals',           'operator'),
    ('org-skarv',  'Skarvik Container',         'operator'),
    ('org-boreal', 'Boreal Line',               'carrier'),
    ('org-tern',   'Tern Feeder',               'carrier')
ON CONFLICT (id) DO NOTHING;

INSERT INTO ports (code, name, time_zone, authority)
SELECT code, name, time_zone, 'org-goa' FROM seed_ports
ON CONFLICT (code) DO NOTHING;

INSERT INTO berths (id, port, length_cm, depth_cm, shore_power, operator_org) VALUES
    ('SEGOT-01', 'SEGOT', 21000,  980, false, 'org-vinga'),
    ('SEGOT-02', 'SEGOT', 24000, 1100, false, 'org-vinga'),
    ('SEGOT-03', 'SEGOT', 24000, 1100, true,  'org-vinga'),
    ('SEGOT-07', 'SEGOT', 40000, 1450, true,  'org-skarv'),
    ('SEGOT-08', 'SEGOT', 40000, 1450, true,  'org-skarv'),
    ('SEGOT-09', 'SEGOT', 36000, 1380, false, 'org-skarv')
ON CONFLICT (id) DO NOTHING;

INSERT INTO billing.tariffs (port, valid_from, currency, per_metre_minor, minimum_minor) VALUES
    ('SEGOT', '2024-01-01', 'SEK', 1450, 350000),
    ('SEGOT', '2025-01-01', 'SEK', 1525, 365000)
ON CONFLICT DO NOTHING;
