"""Makes the PDF, DOCX and EPUB editions of the sample handbook and contract from their texts.

    python -m scripts.sample_documents

The same texts give the same bytes; a test makes them again and compares.
"""
