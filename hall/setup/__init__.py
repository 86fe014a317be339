"""What makes a fresh checkout ready to serve: environments, front-end files, system packages, the model.

It lives in hall/ because it wires programs together, and it runs before any environment exists: every module
in here uses nothing but the standard library and the other modules in here (a test checks it).
"""
