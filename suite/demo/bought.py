"""What the demo factory buys."""

from __future__ import annotations

from suite.demo.items import DECORS, Catalogue


def add_bought(to: Catalogue) -> None:
    for code, name in DECORS.items():
        to.buy(f"BRD18-{code}", f"Board 18 mm, {name}", "Boards", "M2", "14.20", "EGGER", 6, 900)
        to.buy(f"BRD25-{code}", f"Board 25 mm, {name}", "Boards", "M2", "21.80", "EGGER", 6, 420)
        to.buy(f"EDG-{code}", f"Edge band 22 mm, {name}", "Edge bands", "M", "0.42", "REHAU", 4, 6000)
    for code, name, cost in (("8-WHT", "8 mm, white", "5.10"), ("8-OAK", "8 mm, oak", "6.30")):
        to.buy(f"BCK{code}", f"Back panel {name}", "Boards", "M2", cost, "EGGER", 6, 500)
    rows = [
        ("HNG-110", "Hinge 110°, soft close", "Hardware", "PC", "1.85", "BLUM", 8, 2600),
        ("HNG-155", "Hinge 155°, soft close", "Hardware", "PC", "2.60", "BLUM", 8, 800),
        ("SLD-450", "Drawer slide 450 mm, pair", "Hardware", "PC", "9.40", "BLUM", 10, 420),
        ("SLD-550", "Drawer slide 550 mm, pair", "Hardware", "PC", "10.90", "BLUM", 10, 160),
        ("HDL-BAR", "Bar handle 320 mm, steel", "Hardware", "PC", "3.10", "HAFELE", 7, 900),
        ("HDL-KNB", "Knob, brass", "Hardware", "PC", "2.20", "HAFELE", 7, 500),
        ("ROD-OVL", "Clothes rod, oval", "Hardware", "M", "2.90", "HAFELE", 7, 400),
        ("CAM-15", "Cam fitting 15 mm", "Hardware", "PC", "0.14", "HAFELE", 5, 24000),
        ("DWL-8", "Dowel 8 x 35 mm", "Hardware", "PC", "0.02", "HAFELE", 5, 40000),
        ("SCR-35", "Screw 3.5 x 16 mm", "Hardware", "PC", "0.01", "HAFELE", 5, 60000),
        ("SCR-60", "Screw 6 x 60 mm", "Hardware", "PC", "0.05", "HAFELE", 5, 20000),
        ("FOOT-ADJ", "Adjustable foot", "Hardware", "PC", "0.65", "HAFELE", 5, 3000),
        ("SHP-5", "Shelf pin 5 mm", "Hardware", "PC", "0.03", "HAFELE", 5, 30000),
        ("PLT-50", "Joining plate 50 mm", "Hardware", "PC", "0.35", "HAFELE", 5, 3000),
        ("CBL-80", "Cable outlet 80 mm", "Hardware", "PC", "1.90", "HAFELE", 5, 240),
        ("GLU-D3", "Wood glue D3", "Chemicals", "KG", "3.80", "KLEIBERIT", 4, 300),
        ("GLU-HM", "Hot melt for edges", "Chemicals", "KG", "5.90", "KLEIBERIT", 4, 260),
        ("CHIPS", "Wood chips for briquettes", "Chemicals", "KG", "0.09", "", 0, 0),
        ("LAC-WB", "Lacquer, water based", "Chemicals", "KG", "8.60", "TEKNOS", 6, 420),
        ("PRM-WB", "Primer, water based", "Chemicals", "KG", "6.90", "TEKNOS", 6, 260),
        ("OIL-NAT", "Hard wax oil", "Chemicals", "KG", "14.50", "TEKNOS", 6, 140),
        ("ABR-180", "Abrasive belt 180", "Chemicals", "PC", "4.40", "TEKNOS", 6, 200),
        ("LEG-OAK", "Leg blank, solid oak", "Solid wood", "PC", "11.50", "HOLZ", 9, 640),
        ("LEG-WAL", "Leg blank, solid walnut", "Solid wood", "PC", "16.80", "HOLZ", 12, 240),
        ("RAIL-OAK", "Rail blank, solid oak", "Solid wood", "M", "5.60", "HOLZ", 9, 700),
        ("RAIL-WAL", "Rail blank, solid walnut", "Solid wood", "M", "8.20", "HOLZ", 12, 260),
        ("PLK-OAK", "Glued panel 30 mm, oak", "Solid wood", "M2", "62.00", "HOLZ", 9, 210),
        ("PLK-WAL", "Glued panel 30 mm, walnut", "Solid wood", "M2", "94.00", "HOLZ", 12, 90),
        ("FRM-STL", "Steel underframe, black", "Metal", "PC", "48.00", "METALLBAU", 14, 40),
        ("BRK-STL", "Steel bracket", "Metal", "PC", "1.30", "METALLBAU", 7, 1200),
        ("BEAM-PIN", "Beam, pine 40 x 60", "Solid wood", "M", "2.10", "HOLZ", 6, 900),
        ("PLY-12", "Plywood 12 mm", "Boards", "M2", "12.40", "EGGER", 6, 240),
        ("WEB-70", "Elastic webbing 70 mm", "Upholstery", "M", "0.90", "TEXTIL", 7, 2000),
        ("FOAM-35", "Foam HR35, block", "Upholstery", "KG", "7.20", "TEXTIL", 7, 600),
        ("FOAM-25", "Foam 25, back", "Upholstery", "KG", "5.80", "TEXTIL", 7, 400),
        ("WAD-200", "Wadding 200 g", "Upholstery", "M2", "1.60", "TEXTIL", 7, 700),
        ("FAB-GRY", "Fabric Nordic, grey", "Upholstery", "M", "16.50", "TEXTIL", 10, 460),
        ("FAB-BLU", "Fabric Nordic, blue", "Upholstery", "M", "16.50", "TEXTIL", 10, 200),
        ("FAB-SND", "Fabric Linen, sand", "Upholstery", "M", "19.80", "TEXTIL", 10, 160),
        ("THR-GRY", "Thread", "Upholstery", "PC", "2.90", "TEXTIL", 7, 200),
        ("ZIP-80", "Zip 80 cm", "Upholstery", "PC", "0.95", "TEXTIL", 7, 500),
        ("LEG-SOF", "Sofa leg, oak", "Hardware", "PC", "4.20", "HAFELE", 7, 500),
        ("CRT-XL", "Carton, wardrobe", "Packing", "PC", "6.40", "KARTON", 3, 600),
        ("CRT-L", "Carton, table", "Packing", "PC", "4.10", "KARTON", 3, 500),
        ("CRT-M", "Carton, cabinet", "Packing", "PC", "3.20", "KARTON", 3, 600),
        ("CRT-S", "Carton, small", "Packing", "PC", "1.10", "KARTON", 3, 900),
        ("FOIL-ST", "Stretch foil", "Packing", "M", "0.06", "KARTON", 3, 9000),
        ("CRN-PR", "Corner protector", "Packing", "PC", "0.12", "KARTON", 3, 12000),
        ("LBL-A6", "Label A6", "Packing", "PC", "0.03", "KARTON", 3, 20000),
        ("BAG-FIT", "Bag for fittings", "Packing", "PC", "0.05", "KARTON", 3, 8000),
        ("INS-PAP", "Assembly instructions", "Packing", "PC", "0.30", "KARTON", 3, 6000),
        ("MIR-40", "Mirror 400 x 1600 mm", "Glass", "PC", "24.00", "GLAS", 9, 60),
        ("GLS-6", "Glass shelf 6 mm", "Glass", "PC", "11.00", "GLAS", 9, 90),
        ("LED-STR", "LED strip 1 m, warm", "Electrics", "PC", "8.90", "HAFELE", 7, 180),
        ("HNG-GLS", "Hinge for glass doors", "Hardware", "PC", "4.80", "BLUM", 8, 160),
        ("MAG-CAT", "Magnetic catch", "Hardware", "PC", "0.55", "HAFELE", 5, 900),
        ("LCK-CAM", "Cam lock with two keys", "Hardware", "PC", "3.90", "HAFELE", 7, 120),
        ("GLD-FLT", "Felt glide 28 mm", "Hardware", "PC", "0.08", "HAFELE", 5, 9000),
        ("BOLT-M6", "Bolt M6 x 40", "Hardware", "PC", "0.09", "HAFELE", 5, 9000),
        ("NUT-M6", "Rampa nut M6", "Hardware", "PC", "0.18", "HAFELE", 5, 9000),
        ("WSH-M6", "Washer M6", "Hardware", "PC", "0.02", "HAFELE", 5, 12000),
        ("GLD-DOR", "Glass door 6 mm, 400 x 900", "Glass", "PC", "31.00", "GLAS", 12, 40),
        ("CBL-2M", "Cable 2 m with switch", "Electrics", "PC", "4.60", "HAFELE", 7, 160),
        ("STN-WAL", "Stain, walnut", "Chemicals", "KG", "12.20", "TEKNOS", 6, 60),
        ("PTT-OAK", "Putty, oak", "Chemicals", "KG", "9.10", "TEKNOS", 6, 30),
        ("CLN-ALC", "Cleaner, alcohol", "Chemicals", "KG", "3.30", "TEKNOS", 6, 80),
        ("PAL-EUR", "Pallet, 1200 x 800", "Packing", "PC", "9.80", "KARTON", 3, 140),
        ("STR-PET", "PET strap 16 mm", "Packing", "M", "0.05", "KARTON", 3, 6000),
        ("LED-PSU", "LED power supply", "Electrics", "PC", "11.40", "HAFELE", 7, 90),
    ]
    for row in rows:
        to.buy(*row)
